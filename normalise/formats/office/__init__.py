"""Archives of XML: text documents, slides and books; all but their words stays as it is."""
