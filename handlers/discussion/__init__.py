"""Discussion of a lead among colleagues: remarks, thread replies, and their notices."""
