using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Coco.Transport.Network;
using Coco.Transport.PortMapping;
using Coco.Transport.Udp;
using Coco.Traversal.Links;
using Coco.Traversal.PortMapping;
using Microsoft.Extensions.Logging.Abstractions;

namespace Coco.Transport.Netcheck;

/// <summary>Finds out in what situation this host is: its addresses, its NAT, its router and which relays it reaches how.</summary>
public static class NetworkCheck
{
    // Chosen: PCP, NAT-PMP and UPnP are tried half a second apart, and UPnP devices take up to two seconds to answer a search.
    private static readonly TimeSpan MappingPatience = TimeSpan.FromSeconds(5);

    /// <summary>Asks all there is to ask, at once.</summary>
    /// <param name="options">Whom to ask.</param>
    /// <param name="cancellationToken">Ends the check; a port that was opened is closed first.</param>
    /// <exception cref="TransportException">No UDP socket can be opened.</exception>
    public static async Task<NetworkCheckReport> RunAsync(NetworkCheckOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var network = new SystemNetwork();
        return await RunAsync(options, network, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task<NetworkCheckReport> RunAsync(NetworkCheckOptions options, HostNetwork network, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var measuring = options.Timeout * 0.8;
        var interfaces = network.GetInterfaces();
        var mapping = MapAsync(options, network, measuring, cancellationToken);
        NetworkMeasurement measured;
        try
        {
            measured = await MeasureAsync(options, network, interfaces, measuring, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await ((Task)mapping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // no port stays open because something failed
        }
        cancellationToken.ThrowIfCancellationRequested();
        var report = new NetworkCheckReport
        {
            Interfaces = interfaces,
            DefaultRouters = [.. options.PortMapping.ReadGateways().Select(gateway => gateway.Router.ToIPAddress()).Distinct()],
            Ipv4 = measured.Ipv4,
            Ipv6 = measured.Ipv6,
            Relays = measured.Relays,
            PortMapping = await mapping.ConfigureAwait(false) is { } mapped ? Judge(mapped, measured) : null,
            Duration = Stopwatch.GetElapsedTime(start),
        };
        return NetworkFindings.Complete(report, isAnybodyAsked: options.Relays.Count + options.StunServers.Count > 0);
    }

    private static async Task<NetworkMeasurement> MeasureAsync(
        NetworkCheckOptions options, HostNetwork network, IReadOnlyList<InterfaceAddress> interfaces, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var loop = new NetworkCheckLoop(options, network, interfaces);
        await using (loop.ConfigureAwait(false))
        {
            try
            {
                return await Task.Factory.StartNew(
                    () => loop.Run(timeout, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                throw new TransportException(
                    TransportError.AddressUnavailable, $"No UDP socket can be opened: {exception.Message}.", innerException: exception);
            }
        }
    }

    // The port is one of a socket that asks nobody: a mapping would make the NAT look better than it is.
    private static async Task<PortMappingCheck?> MapAsync(NetworkCheckOptions options, HostNetwork network, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (!options.MapsPorts) { return null; }
        if (options.PortMapping.ReadGateways().Count == 0) { return new([], IsRemoved: true); }
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var socket = network.CreateUdp(new(IPAddress.Any, 0), new());
        var logger = options.LoggerFactory?.CreateLogger("Coco.Transport.Netcheck") ?? NullLogger.Instance;
        var service = new PortMappingService(options.PortMapping, logger)
        {
            Changed = mappings =>
            {
                if (mappings.Count > 0) { first.TrySetResult(); }
            },
        };
        await using (service.ConfigureAwait(false))
        {
            await service.StartAsync(socket.LocalEndPoint.Port, tcpPort: 0, CancellationToken.None).ConfigureAwait(false);
            var patience = limit < MappingPatience ? limit : MappingPatience;
            await first.Task.WaitAsync(patience, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var opened = service.Mappings;
            await service.StopAsync(CancellationToken.None).ConfigureAwait(false);
            return new([.. opened.Select(ToOpenedPort)], service.IsRemoved);
        }
    }

    private static OpenedPort ToOpenedPort(PortMappingInfo mapping) =>
        new(NameOf(mapping.Protocol), mapping.Gateway.ToIPAddress(), mapping.External.ToIPEndPoint(), mapping.IsSuspicious);

    private static string NameOf(PortMappingProtocol protocol) => protocol switch
    {
        PortMappingProtocol.Pcp => "PCP",
        PortMappingProtocol.NatPmp => "NAT-PMP",
        _ => "UPnP",
    };

    private static PortMappingCheck Judge(PortMappingCheck mapped, NetworkMeasurement measured) => mapped with
    {
        Mappings =
        [
            .. from port in mapped.Mappings
               let external = port.External.ToNetworkAddress()
               let seen = (external.IsIpv4 ? measured.Ipv4 : measured.Ipv6)?.MappedAddress
               select port with { IsSuspicious = port.IsSuspicious || (seen is { } address && !address.HasSameHost(external)) },
        ],
    };
}
