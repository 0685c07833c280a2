using Coco.Crypto;
using Coco.Quic.Packets;

namespace Coco.Traversal.Relays;

/// <summary>A relay: who it is and where it is reached.</summary>
public sealed record RelayInfo
{
    /// <summary>Addresses a relay may have.</summary>
    public const int MaxAddresses = 4;

    /// <summary>Characters its <see cref="Url"/> may have.</summary>
    public const int MaxUrlLength = 128;

    // On the wire: NodeId 32 ‖ count u8 ‖ count × address (7 or 19) ‖ length u8 ‖ URL in ASCII, empty for none.
    internal const int MaxWireLength = NodeId.Size + 1 + (MaxAddresses * NetworkAddress.MaxWireLength) + 1 + MaxUrlLength;

    /// <summary>A relay with at most <see cref="MaxAddresses"/> addresses and, where it answers there, a <c>wss:</c> URL.</summary>
    public RelayInfo(NodeId id, IReadOnlyList<NetworkAddress> addresses, string? url = null)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        if (id.IsDefault) { throw new ArgumentException("A relay has an identity.", nameof(id)); }
        if (addresses.Count > MaxAddresses) { throw new ArgumentException($"A relay has at most {MaxAddresses} addresses.", nameof(addresses)); }
        foreach (var address in addresses)
        {
            if (!address.IsSendable) { throw new ArgumentException($"{address} is no address to send to.", nameof(addresses)); }
        }
        if (url is not null && !IsUrl(url))
        {
            throw new ArgumentException($"A relay's URL begins with wss:// and has at most {MaxUrlLength} ASCII characters.", nameof(url));
        }
        (Id, Addresses, Url) = (id, [.. addresses], url);
    }

    /// <summary>The relay's identity, which it proves to whoever connects.</summary>
    public NodeId Id { get; }

    /// <summary>Where it takes UDP, and TCP where it does.</summary>
    public IReadOnlyList<NetworkAddress> Addresses { get; }

    /// <summary>Where it takes WebSockets; null for nowhere.</summary>
    public string? Url { get; }

    /// <inheritdoc/>
    public override string ToString() => $"relay {Id}";

    internal void Write(ref SpanWriter writer)
    {
        Id.CopyTo(writer.Reserve(NodeId.Size));
        writer.WriteByte((byte)Addresses.Count);
        foreach (var address in Addresses) { address.Write(writer.Reserve(address.WireLength)); }
        WriteUrl(ref writer, Url);
    }

    internal static bool TryRead(ref SpanReader reader, out RelayInfo? relay)
    {
        relay = null;
        if (!reader.TryReadBytes(NodeId.Size, out var id) || !TryReadAddresses(ref reader, MaxAddresses, out var addresses)) { return false; }
        if (!TryReadUrl(ref reader, out var url) || NodeId.Read(id).IsDefault) { return false; }
        relay = new(NodeId.Read(id), addresses, url);
        return true;
    }

    internal static void WriteUrl(ref SpanWriter writer, string? url)
    {
        writer.WriteByte((byte)(url?.Length ?? 0));
        foreach (var character in url ?? "") { writer.WriteByte((byte)character); }
    }

    internal static bool TryReadUrl(ref SpanReader reader, out string? url)
    {
        url = null;
        if (!reader.TryReadByteLengthBytes(out var bytes) || bytes.Length > MaxUrlLength) { return false; }
        if (bytes.IsEmpty) { return true; }
        url = string.Create(bytes.Length, bytes, static (text, source) =>
        {
            for (var i = 0; i < text.Length; i++) { text[i] = (char)source[i]; }
        });
        return IsUrl(url);
    }

    /// <summary>A count of one byte, then that many addresses to which packets can be sent.</summary>
    internal static bool TryReadAddresses(ref SpanReader reader, int most, out NetworkAddress[] addresses)
    {
        addresses = [];
        if (!reader.TryReadByte(out var count) || count > most) { return false; }
        if (count == 0) { return true; }
        var read = new NetworkAddress[count];
        for (var i = 0; i < count; i++)
        {
            if (!NetworkAddress.TryRead(reader.Remaining, out read[i], out var length) || !read[i].IsSendable) { return false; }
            reader.TryReadBytes(length, out _);
        }
        addresses = read;
        return true;
    }

    internal static bool IsUrl(string text) =>
        text.Length is > 6 and <= MaxUrlLength
        && text.StartsWith("wss://", StringComparison.Ordinal)
        && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
