"""What the headless commands do and how they print it; `ibjournal.cli` reads the arguments."""
