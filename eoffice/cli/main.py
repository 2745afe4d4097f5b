"""Reads the command line and hands over to one command."""

from __future__ import annotations

import argparse


def main() -> int:
    parser = argparse.ArgumentParser(prog="eoffice")
    parser.parse_args()
    return 0
