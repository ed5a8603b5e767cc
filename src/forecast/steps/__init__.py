"""The pipeline's steps: each reads files, calls the library, writes files.

They have two users: ``pipelines/`` runs each as a DVC stage, ``forecast ...`` offers them one by
one.
"""
