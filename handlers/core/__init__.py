"""What every subject builds on: context, requests, replies, forms and cards. Knows no subject."""
