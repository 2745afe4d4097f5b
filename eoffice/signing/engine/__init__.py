"""Signing and checking PDFs: files in, files out, no database and no Django."""
