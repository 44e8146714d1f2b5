package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/api/enums/v1"
	"go.uber.org/zap/zapcore"
)

var (
	errVersion = errors.New("version asked for")
	errHelp    = errors.New("help asked for")
)

const usage = `temporal-dev-server server start-dev [flags]

  --port N                        gRPC port (default 7233)
  --http-port N                   HTTP API port (default: a free one)
  --metrics-port N                Prometheus metrics at /metrics (default: off)
  --ui-port N                     web UI port (default: --port + 1000)
  --ip IP                         address to listen on (default 127.0.0.1)
  --ui-ip IP                      address of the web UI (default: --ip)
  --headless                      no web UI
  --namespace NAME, -n NAME       also create this namespace; "default" always exists. Repeatable
  --db-filename PATH, -f PATH     SQLite file (default: in memory, lost at exit)
  --dynamic-config-value KEY=JSON server setting. Repeatable
  --sqlite-pragma NAME=VALUE      Repeatable
  --search-attribute NAME=TYPE    custom search attribute in every namespace. Repeatable
  --log-level LEVEL               debug, info, warn, error, never (default warn)
  --log-format FORMAT             text, pretty or json (default text)

temporal-dev-server --version`

type options struct {
	ip, uiIP                            string
	port, httpPort, metricsPort, uiPort int
	headless                            bool
	namespaces                          []string
	database                            string
	dynamicConfig                       map[string]any
	pragmas                             map[string]string
	searchAttributes                    map[string]enums.IndexedValueType
	logLevel                            zapcore.Level
	silent, logJSON                     bool
}

// pairs collects a repeatable KEY=VALUE flag; a key given twice keeps its last value, as with the CLI.
type pairs map[string]string

func (p pairs) String() string { return "" }

func (p pairs) Set(text string) error {
	key, value, found := strings.Cut(text, "=")
	if !found || key == "" {
		return fmt.Errorf("%q is not KEY=VALUE", text)
	}
	p[key] = value
	return nil
}

func parse(args []string) (*options, error) {
	o := &options{namespaces: []string{"default"}}
	settings, attributes, pragmas := pairs{}, pairs{}, pairs{}
	var logLevel, logFormat string
	addNamespace := func(name string) error {
		if name == "" {
			return errors.New("a namespace needs a name")
		}
		if !slices.Contains(o.namespaces, name) {
			o.namespaces = append(o.namespaces, name)
		}
		return nil
	}

	f := flag.NewFlagSet("temporal-dev-server", flag.ContinueOnError)
	f.SetOutput(io.Discard) // errors are printed once, by main
	version := f.Bool("version", false, "")
	f.IntVar(&o.port, "port", 7233, "")
	f.IntVar(&o.httpPort, "http-port", 0, "")
	f.IntVar(&o.metricsPort, "metrics-port", 0, "")
	f.IntVar(&o.uiPort, "ui-port", 0, "")
	f.StringVar(&o.ip, "ip", "127.0.0.1", "")
	f.StringVar(&o.uiIP, "ui-ip", "", "")
	f.BoolVar(&o.headless, "headless", false, "")
	f.StringVar(&logLevel, "log-level", "warn", "")
	f.StringVar(&logFormat, "log-format", "text", "")
	f.Var(settings, "dynamic-config-value", "")
	f.Var(pragmas, "sqlite-pragma", "")
	f.Var(attributes, "search-attribute", "")
	for _, name := range []string{"namespace", "n"} {
		f.Func(name, "", addNamespace)
	}
	for _, name := range []string{"db-filename", "f"} {
		f.StringVar(&o.database, name, "", "")
	}

	command, flags := splitCommand(args)
	if err := f.Parse(flags); errors.Is(err, flag.ErrHelp) {
		return nil, errHelp
	} else if err != nil {
		return nil, err
	}
	if *version {
		return nil, errVersion
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q (--help lists the flags)", f.Arg(0))
	}
	if command != "server start-dev" {
		return nil, errors.New("the only command is `server start-dev` (--help lists its flags)")
	}
	o.pragmas = pragmas
	return o, o.finish(settings, attributes, logLevel, logFormat)
}

// splitCommand separates the leading words from the flags: the flag package stops at the first word it meets.
func splitCommand(args []string) (command string, flags []string) {
	words := 0
	for words < len(args) && !strings.HasPrefix(args[words], "-") {
		words++
	}
	return strings.Join(args[:words], " "), args[words:]
}

// finish turns the flags' text into values and fills in what depends on other flags.
func (o *options) finish(settings, attributes pairs, logLevel, logFormat string) error {
	var err error
	if o.ip, err = parseIP("--ip", o.ip); err != nil {
		return err
	}
	if o.uiIP == "" {
		o.uiIP = o.ip
	}
	if o.uiIP, err = parseIP("--ui-ip", o.uiIP); err != nil {
		return err
	}
	if o.port < 1 || o.port > 65535 {
		return fmt.Errorf("--port %d is not between 1 and 65535", o.port)
	}
	if o.uiPort == 0 {
		o.uiPort = min(o.port+1000, 65535)
	}
	if logLevel == "never" {
		o.silent = true
	} else if o.logLevel, err = zapcore.ParseLevel(logLevel); err != nil {
		return fmt.Errorf("--log-level: %w", err)
	}
	if !slices.Contains([]string{"text", "pretty", "json"}, logFormat) {
		return fmt.Errorf("--log-format %q is none of text, pretty, json", logFormat)
	}
	o.logJSON = logFormat == "json"
	if o.dynamicConfig, err = parseSettings(settings); err != nil {
		return err
	}
	o.searchAttributes, err = parseSearchAttributes(attributes)
	return err
}

func parseIP(flagName, text string) (string, error) {
	if text == "localhost" {
		return "127.0.0.1", nil // the server resolves no names
	}
	if net.ParseIP(text) == nil {
		return "", fmt.Errorf("%s %q is not an IP address", flagName, text)
	}
	return text, nil
}

func parseSettings(settings pairs) (map[string]any, error) {
	values := make(map[string]any, len(settings))
	for key, text := range settings {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var value any
		if err := decoder.Decode(&value); err != nil || decoder.More() {
			return nil, fmt.Errorf("--dynamic-config-value %s: %q is not JSON (a string needs its quotes: %s='\"text\"')", key, text, key)
		}
		// Integer settings are matched by Go type: a float64, json's usual number, would be rejected.
		if number, ok := value.(json.Number); ok {
			if whole, err := strconv.Atoi(number.String()); err == nil {
				value = whole
			} else if value, err = number.Float64(); err != nil {
				return nil, fmt.Errorf("--dynamic-config-value %s: %w", key, err)
			}
		}
		values[key] = value
	}
	return values, nil
}

func parseSearchAttributes(attributes pairs) (map[string]enums.IndexedValueType, error) {
	types := make(map[string]enums.IndexedValueType, len(attributes))
	for name, text := range attributes {
		for typeName, number := range enums.IndexedValueType_shorthandValue {
			if strings.EqualFold(typeName, text) && number != 0 {
				types[name] = enums.IndexedValueType(number)
			}
		}
		if types[name] == 0 {
			return nil, fmt.Errorf("--search-attribute %s: unknown type %q (Text, Keyword, Int, Double, Bool, Datetime, KeywordList)", name, text)
		}
	}
	return types, nil
}

func (o *options) address() string { return join(o.ip, o.port) }

func (o *options) databaseLabel() string {
	if o.database == "" {
		return "in memory"
	}
	return o.database
}

func join(ip string, port int) string { return net.JoinHostPort(ip, strconv.Itoa(port)) }
