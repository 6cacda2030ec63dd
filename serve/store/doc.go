// Package store says where a server's files live: a contract, and back ends
// that keep it.
package store
