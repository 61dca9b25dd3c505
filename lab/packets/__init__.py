"""Records what a scan sends in the lab, and proves from it that nothing went where no letter allows it."""
