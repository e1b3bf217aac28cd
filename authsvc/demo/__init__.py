"""`authsvc demo`: the documents' example merchant on servers of its own, for whoever wants to see it run."""
