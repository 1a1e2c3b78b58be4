"""Reports that people ask for: ``/report``, any period, by anything, compared."""
