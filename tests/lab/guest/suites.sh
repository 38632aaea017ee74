# The usual job: AVA on the suites, all of them or those that RIG_LAB_suites names (lines,serial).
files=()
for suite in ${RIG_LAB_suites//,/ }; do files+=("dist/tests/lab/suites/$suite.test.js"); done
exec node node_modules/ava/entrypoints/cli.mjs --config dist/tests/lab/ava.config.js --tap "${files[@]}"
