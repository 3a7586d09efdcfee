#!/usr/bin/env python3
"""Print the reasons of skipped tests and one closing line, from meson's testlog.json."""

import json
import sys


def main():
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            result = test["result"]
            if result in ("OK", "EXPECTEDFAIL"):
                counts["passed"] += 1
            elif result == "SKIP":
                counts["skipped"] += 1
                output = (test.get("stdout") or "") + (test.get("stderr") or "")
                reason = [text for text in output.splitlines() if text.strip()]
                print(f"skipped {test['name']}: {reason[-1] if reason else 'no reason given'}")
            else:
                counts["failed"] += 1
                print(f"failed {test['name']}: {result}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] or not any(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
