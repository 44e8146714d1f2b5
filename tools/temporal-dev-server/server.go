package main

import (
	"context"
	"fmt"
	"maps"
	"net"
	"time"

	"github.com/google/uuid"
	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const storeName = "sqlite"

// loopback carries the traffic between the four services of this process, whatever --ip says.
const loopback = "127.0.0.1"

// defaults are the settings the Temporal CLI's development server starts with; --dynamic-config-value overrides each.
var defaults = map[string]any{
	"history.enableChasm":                              true,
	"activity.enableStandalone":                        true,
	"history.enableStandaloneActivityOperatorCommands": true,
	"frontend.namespaceRPS.visibility":                 100,
	"history.hostLevelCacheMaxSize":                    8096,
	// Search attributes and Nexus endpoints are usable as soon as they are made, at the price of a read per request,
	// for which the persistence limits are raised.
	"system.forceSearchAttributesCacheRefreshOnRead": true,
	"system.forceNexusEndpointRefreshOnRead":         true,
	"frontend.persistenceMaxQPS":                     10_000,
	"history.persistenceMaxQPS":                      45_000,
}

type devServer struct {
	temporal temporal.Server
	ui       *uiserver.Server
	level    zap.AtomicLevel
}

// start returns once the frontend answers.
func start(o *options) (*devServer, error) {
	if err := requirePorts(o); err != nil {
		return nil, err
	}
	store, created, err := openDatabase(o)
	if err != nil {
		return nil, err
	}
	conf, err := serverConfig(o, store)
	if err != nil {
		return nil, err
	}
	s := &devServer{level: zap.NewAtomicLevelAt(o.logLevel)}
	logger := newLogger(o, s.level)

	settings := dynamicconfig.StaticClient{}
	for _, source := range []map[string]any{defaults, o.dynamicConfig} {
		for key, value := range source {
			settings[dynamicconfig.MakeKey(key)] = value
		}
	}
	s.temporal, err = temporal.NewServer(
		temporal.WithConfig(conf),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(staticHosts(o, conf)),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
		temporal.WithDynamicConfigClient(settings),
	)
	if err != nil {
		return nil, err
	}
	if err := s.temporal.Start(); err != nil {
		return nil, err
	}
	if !created && len(o.searchAttributes) > 0 {
		if err := addSearchAttributes(o); err != nil {
			s.stop()
			return nil, err
		}
	}
	if !o.headless {
		s.ui = newUI(o)
		go func() {
			if err := s.ui.Start(); err != nil {
				logger.Error("the web UI stopped: " + err.Error())
			}
		}()
	}
	return s, nil
}

func (s *devServer) stop() {
	// Every service complains about the others while they go away, which is no news.
	s.level.SetLevel(zapcore.ErrorLevel + 1)
	if s.ui != nil {
		s.ui.Stop()
	}
	_ = s.temporal.Stop()
}

func requirePorts(o *options) error {
	if err := requireFree("--port", o.ip, o.port); err != nil {
		return err
	}
	if o.httpPort > 0 {
		if err := requireFree("--http-port", o.ip, o.httpPort); err != nil {
			return err
		}
	}
	if o.metricsPort > 0 {
		if err := requireFree("--metrics-port", o.ip, o.metricsPort); err != nil {
			return err
		}
	}
	if o.headless {
		return nil
	}
	return requireFree("--ui-port", o.uiIP, o.uiPort)
}

func serverConfig(o *options, store *config.SQL) (*config.Config, error) {
	ports, err := freePorts(loopback, 4)
	if err != nil {
		return nil, err
	}
	if o.httpPort == 0 {
		o.httpPort = ports[3] // the HTTP API is where Nexus callbacks arrive: it has to be somewhere
	}
	conf := &config.Config{}
	conf.Global.Membership.MaxJoinDuration = 30 * time.Second
	conf.Global.Membership.BroadcastAddress = loopback
	if o.metricsPort > 0 {
		conf.Global.Metrics = &metrics.Config{
			Prometheus: &metrics.PrometheusConfig{ListenAddress: join(o.ip, o.metricsPort), HandlerPath: "/metrics"},
		}
	}
	conf.Persistence = config.Persistence{
		DefaultStore:     storeName,
		VisibilityStore:  storeName,
		NumHistoryShards: 1,
		DataStores:       map[string]config.DataStore{storeName: {SQL: store}},
	}
	conf.ClusterMetadata = &cluster.Config{
		FailoverVersionIncrement: 10,
		MasterClusterName:        clusterName,
		CurrentClusterName:       clusterName,
		ClusterInformation: map[string]cluster.ClusterInformation{clusterName: {
			Enabled:                true,
			InitialFailoverVersion: 1,
			RPCAddress:             frontendAddress(o, o.port),
			HTTPAddress:            frontendAddress(o, o.httpPort),
			ClusterID:              uuid.NewString(), // used only for a new database; an old one keeps its own
		}},
	}
	conf.DCRedirectionPolicy.Policy = "noop"
	conf.Archival.History.State = "disabled"
	conf.Archival.Visibility.State = "disabled"
	conf.NamespaceDefaults.Archival.History.State = "disabled"
	conf.NamespaceDefaults.Archival.Visibility.State = "disabled"
	conf.PublicClient.HostPort = frontendAddress(o, o.port)
	conf.Services = map[string]config.Service{
		string(primitives.FrontendService): {RPC: config.RPC{GRPCPort: o.port, HTTPPort: o.httpPort, BindOnIP: o.ip}},
		string(primitives.HistoryService):  {RPC: config.RPC{GRPCPort: ports[0], BindOnIP: loopback}},
		string(primitives.MatchingService): {RPC: config.RPC{GRPCPort: ports[1], BindOnIP: loopback}},
		string(primitives.WorkerService):   {RPC: config.RPC{GRPCPort: ports[2], BindOnIP: loopback}},
	}
	return conf, nil
}

func staticHosts(o *options, conf *config.Config) map[primitives.ServiceName]static.Hosts {
	hosts := map[primitives.ServiceName]static.Hosts{
		primitives.FrontendService: static.SingleLocalHost(frontendAddress(o, o.port)),
	}
	for _, service := range []primitives.ServiceName{primitives.HistoryService, primitives.MatchingService, primitives.WorkerService} {
		hosts[service] = static.SingleLocalHost(join(loopback, conf.Services[string(service)].RPC.GRPCPort))
	}
	return hosts
}

// frontendAddress is where this process reaches its own frontend: nobody can dial 0.0.0.0 everywhere.
func frontendAddress(o *options, port int) string {
	switch ip := net.ParseIP(o.ip); {
	case !ip.IsUnspecified():
		return join(o.ip, port)
	case ip.To4() != nil:
		return join(loopback, port)
	default:
		return join("::1", port)
	}
}

// addSearchAttributes serves a database whose namespaces were made by an earlier run, perhaps without these attributes.
func addSearchAttributes(o *options) error {
	connection, err := grpc.NewClient(frontendAddress(o, o.port), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	operator := operatorservice.NewOperatorServiceClient(connection)
	for _, namespace := range o.namespaces {
		known, err := operator.ListSearchAttributes(ctx,
			&operatorservice.ListSearchAttributesRequest{Namespace: namespace}, grpc.WaitForReady(true))
		if err != nil {
			return fmt.Errorf("--search-attribute in namespace %s: %w", namespace, err)
		}
		missing := maps.Clone(o.searchAttributes)
		maps.DeleteFunc(missing, func(name string, _ enums.IndexedValueType) bool {
			_, found := known.CustomAttributes[name]
			return found
		})
		if len(missing) == 0 {
			continue
		}
		_, err = operator.AddSearchAttributes(ctx,
			&operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing})
		if err != nil {
			return fmt.Errorf("--search-attribute in namespace %s: %w", namespace, err)
		}
	}
	return nil
}

func newUI(o *options) *uiserver.Server {
	return uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		Host:                bracket(o.uiIP),
		Port:                o.uiPort,
		TemporalGRPCAddress: frontendAddress(o, o.port),
		EnableUI:            true,
		CORS:                uiconfig.CORS{CookieInsecure: true}, // plain http on the user's own machine
		HideLogs:            true,
		DisableNewsFetch:    true, // a development server calls nobody
	}))
}

func bracket(ip string) string {
	if net.ParseIP(ip).To4() == nil {
		return "[" + ip + "]"
	}
	return ip
}

func newLogger(o *options, level zap.AtomicLevel) log.Logger {
	if o.silent {
		return log.NewNoopLogger()
	}
	settings := zap.NewProductionConfig()
	settings.Level = level
	settings.DisableStacktrace = true
	settings.DisableCaller = true // the server's logger adds its own
	settings.Sampling = nil
	settings.EncoderConfig.EncodeTime = zapcore.ISO8601TimeEncoder
	if !o.logJSON {
		settings.Encoding = "console"
	}
	return log.NewZapLogger(zap.Must(settings.Build()))
}
