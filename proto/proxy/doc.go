// Package proxy is a network behind a proxy: SOCKS5 (RFC 1928, 1929) or HTTP
// CONNECT (RFC 9110 §9.3.6). It wraps another proto.Network, through which the
// proxy itself is reached.
//
//	client ──▶ proxy ──▶ server:21      control connection
//	client ──▶ proxy ──▶ server:50003   each passive data connection
//
// Host names are not looked up here but given to the proxy, which may know
// names that this machine does not. Nothing can be listened on: active mode is
// refused with ErrListen.
//
//	proxy.go    New: a Network from a URL
//	socks.go    SOCKS5
//	connect.go  HTTP CONNECT
package proxy
