package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// requireFree fails when something already listens on ip:port. The server itself would only log it, several lines into
// its start, from a goroutine nobody waits for.
func requireFree(flagName, ip string, port int) error {
	listener, err := net.Listen("tcp", join(ip, port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d on %s (%s) is already in use", port, ip, flagName)
	}
	if err != nil {
		return fmt.Errorf("port %d on %s (%s) cannot be used: %w", port, ip, flagName, err)
	}
	return listener.Close()
}

// freePorts returns count ports that were free a moment ago. All are held until the last is found, so that none repeats.
func freePorts(ip string, count int) ([]int, error) {
	ports := make([]int, count)
	for i := range ports {
		listener, err := net.Listen("tcp", join(ip, 0))
		if err != nil {
			return nil, fmt.Errorf("no free port on %s: %w", ip, err)
		}
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}
