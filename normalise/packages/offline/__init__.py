"""Bundles for machines without a network: made here, installed there."""
