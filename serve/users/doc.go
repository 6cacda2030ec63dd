// Package users says who may use a server, and what for.
package users
