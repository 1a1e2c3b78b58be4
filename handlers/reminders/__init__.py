"""TODO reminders"""
