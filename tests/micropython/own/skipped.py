# A test that finds that it does not apply.
try:
    import no_such_module
except ImportError:
    print("SKIP")
    raise SystemExit
