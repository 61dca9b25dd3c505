# make demo and make test set up all they need; see README.md.
.PHONY: demo test setup bench bench-scan bench-systems bench-devices lock

demo: .venv/.ready
	@sh scripts/demo.sh

test: .venv/.ready
	@sh scripts/test.sh

setup: .venv/.ready

.venv/.ready: requirements-dev.lock pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh

bench: .venv/.ready
	@.venv/bin/python -m benchmarks.run --write

bench-scan: .venv/.ready
	@.venv/bin/python -m benchmarks.scan --write

bench-systems: .venv/.ready
	@.venv/bin/python -m benchmarks.systems --write

bench-devices: .venv/.ready
	@.venv/bin/python -m benchmarks.devices --write

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --extra dev pyproject.toml -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q requirements-fakenos.in -o requirements-fakenos.lock
