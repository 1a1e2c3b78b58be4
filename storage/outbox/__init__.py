"""TODO outbox"""
