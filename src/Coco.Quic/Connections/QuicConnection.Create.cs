using Coco.Quic.Packets;
using Coco.Quic.Parameters;
using Coco.Quic.Paths;
using Coco.Quic.Tls;

namespace Coco.Quic.Connections;

/// <summary>How a connection begins, on either side.</summary>
public sealed partial class QuicConnection
{
    private QuicConnection(QuicEndpoint endpoint, QuicOptions options, bool isClient, in PathInfo path, bool isAddressValidated, long now)
    {
        _endpoint = endpoint;
        _options = options;
        _logger = endpoint.Logger;
        _random = endpoint.Random;
        _isClient = isClient;
        _startTime = _lastReceived = now;
        _ackDelay = options.MaxAckDelay.Ticks;
        _keepAlive = options.KeepAlive.Ticks;
        _localIds = new(options.ActiveConnectionIdLimit);
        _remoteIds = new(options.ActiveConnectionIdLimit);
        _streams = new(isClient, options.Streams, endpoint.Pool);
        _active = AddPath(path, remoteId: 0, isAddressValidated);
        ScheduleSkip();
    }

    internal static QuicConnection Client(QuicEndpoint endpoint, in PathInfo path, ConnectOptions options, TlsOptions tls, long now)
    {
        var connection = new QuicConnection(endpoint, options.Connection ?? endpoint.Options.Connection, isClient: true, path, isAddressValidated: true, now);
        connection.BeginClient(options, tls);
        return connection;
    }

    internal static QuicConnection Server(QuicEndpoint endpoint, in PathInfo path, in PacketHeader initial, in ConnectionId originalDestination,
        bool wasRetried, bool isValidated, TlsOptions tls, long now)
    {
        var connection = new QuicConnection(endpoint, endpoint.Options.Connection, isClient: false, path, isValidated, now);
        connection.BeginServer(initial, originalDestination, wasRetried, tls);
        return connection;
    }

    private void BeginClient(ConnectOptions options, TlsOptions tls)
    {
        _maySend = true;
        _token = options.Token.ToArray();
        _originalDestinationId = ConnectionId.Generate(_random, ClientDestinationIdLength);
        _remoteIds.SetInitial(_originalDestinationId);
        var source = _localIds.Issue(_random, announced: true);
        _endpoint.Register(source, this);
        _handshake = new ClientHandshake(tls, _random, options.Identity, options.Target, Encode(LocalParameters(source)));
        StartHandshake(_originalDestinationId);
        StartTrace(source, _originalDestinationId);
        DriveHandshake(_startTime);
    }

    private void BeginServer(in PacketHeader initial, in ConnectionId originalDestination, bool wasRetried, TlsOptions tls)
    {
        _originalDestinationId = originalDestination;
        _wasRetried = wasRetried;
        _retrySourceId = initial.DestinationConnectionId;
        _peerIdKnown = true;
        _peerHandshakeId = initial.SourceConnectionId;
        _remoteIds.SetInitial(initial.SourceConnectionId);
        _clientChosenId = initial.DestinationConnectionId;
        _endpoint.Register(_clientChosenId, this);
        var source = _localIds.Issue(_random, announced: true);
        _endpoint.Register(source, this);
        _handshake = new ServerHandshake(tls, _random, _endpoint.Identities, Encode(LocalParameters(source)));
        StartHandshake(initial.DestinationConnectionId);
        StartTrace(source, initial.SourceConnectionId);
    }

    private void StartTrace(in ConnectionId local, in ConnectionId remote)
    {
        Qlog = _endpoint.Options.Qlog?.Invoke(this);
        Qlog?.Started(_isClient, _originalDestinationId, local, remote, _endpoint.Options.ApplicationProtocols, _active.Id, _startTime);
        Qlog?.ParametersSet(LocalParameters(local), isLocal: true);
    }

    private ConnectionId _clientChosenId; // server: routes the client's first packets here, until the handshake is confirmed

    private Qlog.QlogTrace? Qlog { get; set; }

    private ReadOnlySpan<byte> Encode(TransportParameters parameters)
    {
        var encoded = new byte[512];
        return encoded.AsSpan(0, parameters.Write(encoded, _random));
    }
}
