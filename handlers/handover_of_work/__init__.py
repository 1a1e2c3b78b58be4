"""TODO handover_of_work"""
