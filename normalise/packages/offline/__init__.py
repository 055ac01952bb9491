"""Bundles for machines without network: made here, installed there."""
