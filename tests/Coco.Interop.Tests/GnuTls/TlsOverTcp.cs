using System.Buffers.Binary;
using System.Net.Sockets;
using Coco.Quic.Packets;
using Coco.Quic.Tls;

namespace Coco.Interop.Tests.GnuTls;

/// <summary>
/// The record layer of RFC 8446 §5 under our handshake, over TCP: just enough to meet a TLS stack that does not speak QUIC.
/// <code>
/// struct {
///     ContentType type;                1 byte: 20 change_cipher_spec, 21 alert, 22 handshake, 23 application_data
///     ProtocolVersion legacy = 0x0303;
///     uint16 length;
///     opaque fragment[length];
/// } TLSPlaintext, TLSCiphertext;
/// </code>
/// </summary>
internal sealed class TlsOverTcp(TlsHandshake handshake, Socket socket) : IDisposable
{
    private const byte ChangeCipherSpec = 20;
    private const byte Alert = 21;
    private const byte Handshake = 22;
    private const byte ApplicationData = 23;

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private readonly Dictionary<EncryptionLevel, RecordKeys> _write = [];
    private readonly List<RecordKeys> _all = [];
    private RecordKeys? _read;

    /// <summary>The alert the peer ended the connection with.</summary>
    public byte? AlertReceived { get; private set; }

    public async Task HandshakeAsync(CancellationToken cancellationToken)
    {
        handshake.Start();
        await FlushAsync(cancellationToken);
        while (handshake.State is HandshakeState.InProgress && AlertReceived is null)
        {
            await ReceiveAsync(cancellationToken);
        }

        if (handshake.Failure is { Alert: > 0 } failure) { await SendAlertAsync(failure.Alert, cancellationToken); }
    }

    public async Task SendAsync(byte[] data, CancellationToken cancellationToken) =>
        await _stream.WriteAsync(_write[EncryptionLevel.OneRtt].Seal(ApplicationData, data), cancellationToken);

    /// <summary>Receives application data until there is <paramref name="count"/> bytes of it.</summary>
    public async Task<byte[]> ReceiveAsync(int count, CancellationToken cancellationToken)
    {
        var received = new List<byte>();
        while (received.Count < count && AlertReceived is null) { received.AddRange(await ReceiveAsync(cancellationToken)); }
        return [.. received];
    }

    public void Dispose()
    {
        _all.ForEach(keys => keys.Dispose());
        _stream.Dispose();
    }

    /// <summary>Handles one record and returns the application data in it.</summary>
    private async Task<byte[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        var header = new byte[5];
        await _stream.ReadExactlyAsync(header, cancellationToken);
        var content = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3))];
        await _stream.ReadExactlyAsync(content, cancellationToken);

        var type = header[0];
        if (type == ChangeCipherSpec) { return []; } // §5: dropped, at any time during the handshake
        if (type == ApplicationData) { content = _read!.Open(content, out type); }
        if (type == ApplicationData) { return content; }
        if (type == Alert) { AlertReceived = content[1]; }
        if (type == Handshake) { handshake.HandleCrypto(_read?.Level ?? EncryptionLevel.Initial, content); }
        await FlushAsync(cancellationToken);
        return [];
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        while (handshake.TryTakeSecrets(out var secrets)) { Install(secrets); }
        while (handshake.TryTakeOutput(out var level, out var data))
        {
            await _stream.WriteAsync(Protect(level, Handshake, data.Span), cancellationToken);
        }
    }

    private void Install(TrafficSecrets secrets)
    {
        var keys = new RecordKeys(secrets);
        _all.Add(keys);
        if (secrets.IsWrite) { _write[secrets.Level] = keys; }
        else { _read = keys; }
    }

    private async Task SendAlertAsync(byte alert, CancellationToken cancellationToken)
    {
        var level = _write.Count == 0 ? EncryptionLevel.Initial : _write.Keys.Max();
        await _stream.WriteAsync(Protect(level, Alert, [2, alert]), cancellationToken);
    }

    private byte[] Protect(EncryptionLevel level, byte type, ReadOnlySpan<byte> data) => level is EncryptionLevel.Initial
        ? [type, 3, 3, (byte)(data.Length >> 8), (byte)data.Length, .. data]
        : _write[level].Seal(type, data);
}
