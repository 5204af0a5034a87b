import hypothesis

# The machine is shared: a slow example is not a failure.
hypothesis.settings.register_profile("lib", deadline=None, max_examples=60)
hypothesis.settings.load_profile("lib")
