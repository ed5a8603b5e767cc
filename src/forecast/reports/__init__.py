"""Tables -> what people read: figures, an HTML page, a published set; words lie in catalogues."""
