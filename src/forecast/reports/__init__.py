"""Tables -> what people read: figures, an HTML page, a published set. Words live in templates."""
