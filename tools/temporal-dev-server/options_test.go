package main

import (
	"errors"
	"strings"
	"testing"

	"go.temporal.io/api/enums/v1"
)

func TestParseTakesTheFlagsOfTheCLI(t *testing.T) {
	o, err := parse([]string{
		"server", "start-dev", "--port", "7000", "--ip=localhost", "-n", "a", "--namespace", "b", "--namespace", "a",
		"-f", "x.db", "--dynamic-config-value", "i=3", "--dynamic-config-value", "f=0.5", "--dynamic-config-value", `d="50ms"`,
		"--dynamic-config-value", "b=true", "--sqlite-pragma", "journal_mode=wal", "--search-attribute", "K=keyword",
		"--log-level", "warn", "--log-format", "pretty",
	})
	if err != nil {
		t.Fatal(err)
	}
	if o.ip != "127.0.0.1" || o.uiIP != "127.0.0.1" || o.uiPort != 8000 || o.database != "x.db" || o.headless {
		t.Errorf("got %+v", o)
	}
	if got := strings.Join(o.namespaces, ","); got != "default,a,b" {
		t.Errorf("namespaces %s", got)
	}
	for key, want := range map[string]any{"i": 3, "f": 0.5, "d": "50ms", "b": true} {
		if o.dynamicConfig[key] != want {
			t.Errorf("%s: got %v (%T), want %v", key, o.dynamicConfig[key], o.dynamicConfig[key], want)
		}
	}
	if o.pragmas["journal_mode"] != "wal" || o.searchAttributes["K"] != enums.INDEXED_VALUE_TYPE_KEYWORD {
		t.Errorf("got %v, %v", o.pragmas, o.searchAttributes)
	}
}

func TestParseRefusesInOneLine(t *testing.T) {
	for name, args := range map[string]string{
		"the only command":    "server start",
		"is not JSON":         "server start-dev --dynamic-config-value d=50ms",
		"is not KEY=VALUE":    "server start-dev --sqlite-pragma wal",
		"unknown type":        "server start-dev --search-attribute K=Word",
		"is not an IP":        "server start-dev --ip example.org",
		"unexpected argument": "server start-dev --headless true",
		"needs a name":        "server start-dev --namespace=",
		"not defined":         "server start-dev --bogus",
		"--log-level":         "server start-dev --log-level loud",
	} {
		_, err := parse(strings.Fields(args))
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v", args, err)
		}
	}
}

func TestParseVersionAndHelp(t *testing.T) {
	if _, err := parse([]string{"--version"}); !errors.Is(err, errVersion) {
		t.Errorf("got %v", err)
	}
	if _, err := parse([]string{"server", "start-dev", "--help"}); !errors.Is(err, errHelp) {
		t.Errorf("got %v", err)
	}
}
