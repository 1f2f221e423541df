# SPDX-License-Identifier: Apache-2.0
# What is no result of ours.
"$DMASIM" report
echo "status $?"
"$DMASIM" report absent.json
echo "status $?"
echo '{"schema": 1' >torn.json
"$DMASIM" report torn.json
echo "status $?"
echo '{"schema": 99}' >other.json
"$DMASIM" report other.json
echo "status $?"
ls
