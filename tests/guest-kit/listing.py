#!/usr/bin/env python3
"""Print the listings of one language in a Markdown file. Usage: listing.py FILE LANGUAGE"""

import re
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
found = re.findall(rf"^```{re.escape(sys.argv[2])}\n(.*?)^```$", text, re.M | re.S)
if not found:
    sys.exit(f"{sys.argv[1]}: no listing of {sys.argv[2]}")
print("\n".join(found), end="")
