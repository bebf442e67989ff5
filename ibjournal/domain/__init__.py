"""What a journal talks about: pure, frozen values without any input or output."""
