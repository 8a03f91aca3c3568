# The image of ogpu-tpl. GoReleaser puts each platform's programs into a folder of its
# name. There is nothing else in it: no shell, no Git, no root.
FROM scratch
ARG TARGETPLATFORM
COPY bin/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY $TARGETPLATFORM/ogpu-tpl* /usr/local/bin/
# A catalog is mounted here.
WORKDIR /catalog
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/ogpu-tpl"]
