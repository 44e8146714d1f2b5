// Command temporal-dev-server runs a one-process Temporal server with its web UI.
//
// It takes the flags of `temporal server start-dev`, so anything that knows how to start the Temporal CLI's development
// server (the SDK's TestWorkflowEnvironment, `fleet up`) can start this one instead. It exists for machines which cannot
// reach the CLI's download but can reach a Go module proxy.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	uiversion "github.com/temporalio/ui-server/v2/server/version"
	"go.temporal.io/server/common/headers"
)

// stopLimit bounds a graceful stop. The server's own limit is five minutes, far longer than anybody waits at a terminal;
// everything worth keeping is already committed to SQLite when a request is answered.
const stopLimit = 5 * time.Second

func main() {
	err := run(os.Args[1:])
	if err == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "temporal-dev-server: %v\n", err)
	os.Exit(1)
}

func run(args []string) error {
	options, err := parse(args)
	switch {
	case errors.Is(err, errVersion):
		// The wording of `temporal --version`: whoever reads the server's version from one can read it from the other.
		fmt.Printf("temporal-dev-server (Server %s, UI %s)\n", headers.ServerVersion, uiversion.UIVersion)
		return nil
	case errors.Is(err, errHelp):
		fmt.Println(usage)
		return nil
	case err != nil:
		return err
	}

	// Registered before the start, so that a Ctrl-C during start-up does not leave a half-written database.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)

	server, err := start(options)
	if err != nil {
		return err
	}
	fmt.Printf("Temporal server on %s, database %s\n", options.address(), options.databaseLabel())
	if !options.headless {
		fmt.Printf("Temporal UI on http://%s\n", join(options.uiIP, options.uiPort))
	}

	<-signals
	stopped := make(chan struct{})
	go func() {
		server.stop()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-signals: // a second Ctrl-C: the user does not want to wait
	case <-time.After(stopLimit):
	}
	return nil
}
