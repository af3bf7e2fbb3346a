"""Routed alerts are handed to their departments: by webhook, Open311 or e-mail, as each department likes."""
