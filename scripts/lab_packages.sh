#!/bin/sh
# Installs what the lab's hosts run, where it is missing; without it those parts of a lab are left out, and said to be.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0
sh scripts/packages.sh sshd:openssh-server ssh:openssh-client ip:iproute2 nsenter:util-linux openssl:openssl \
    nginx:nginx-light unbound:unbound snmpd:snmpd ipmi_sim:openipmi || status=1
# A module is no command: the second name is never there, so that the package is installed where its file is not.
[ -e /usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so ] ||
    sh scripts/packages.sh nginx-headers-more:libnginx-mod-http-headers-more-filter || status=1
exit $status
