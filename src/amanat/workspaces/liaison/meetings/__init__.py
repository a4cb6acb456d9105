"""Flag meetings: proposed, agreed, held, minuted by both sides, and the tasks that come of them."""
