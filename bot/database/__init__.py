"""What Stanch remembers, in PostgreSQL: a module for each subject, over the tables of `tables`.

Their functions work inside the transaction of the connection they are given, so that what belongs together is kept
together:

    with database.begin() as connection:
        if deliveries.record(connection, guid, event, payload) is not Recorded.DONE:
            queue.submit("delivery", f"delivery:{guid}", {"delivery": guid}, connection=connection)

Times are PostgreSQL's, the one clock that all machines share. Text from outside is kept as data, and tokens never.
"""
