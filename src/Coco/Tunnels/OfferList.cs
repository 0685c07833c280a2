using System.Text;
using Coco.Hosting;
using Coco.Quic.Packets;

namespace Coco.Tunnels;

/// <summary>The list of services that a node tells a peer of. Its layout stands in <see cref="TunnelRequest"/>.</summary>
internal static class OfferList
{
    private const ulong Streams = 0;
    private const ulong Datagrams = 1;

    // Stands behind the service's own entry, as releases before it take what they do not know for nothing.
    private const ulong Rtsp = 2;

    /// <summary>The answer, with its first byte.</summary>
    public static byte[] Encode(IReadOnlyList<TunnelOffer> offers)
    {
        var entries = offers.SelectMany(static offer => EntriesOf(offer)).ToArray();
        var bytes = new byte[1 + VarInt.MaxLength + entries.Sum(static entry => 2 + entry.Name.Length)];
        var writer = new SpanWriter(bytes);
        writer.WriteByte(0);
        writer.WriteVarInt((ulong)entries.Length);
        foreach (var (kind, name) in entries)
        {
            writer.WriteVarInt(kind);
            writer.WriteVarInt((ulong)name.Length);
            writer.WriteBytes(Encoding.ASCII.GetBytes(name));
        }
        return writer.Written.ToArray();
    }

    /// <summary>Reads what follows the first byte. Null where it is no such list, or a longer one than is taken.</summary>
    public static async ValueTask<IReadOnlyList<TunnelOffer>?> ReadAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        var count = await StreamHeader.ReadVarIntAsync(stream, cancellationToken).ConfigureAwait(false);
        if (count is null || count > (ulong)most) { return null; }
        var offers = new List<TunnelOffer>();
        for (var i = 0ul; i < count; i++)
        {
            var kind = await StreamHeader.ReadVarIntAsync(stream, cancellationToken).ConfigureAwait(false);
            var name = await StreamHeader.ReadServiceAsync(stream, cancellationToken).ConfigureAwait(false);
            if (kind is null || name is null) { return null; }
            if (kind is Streams or Datagrams) { offers.Add(new(name, kind is Datagrams)); }
            else if (kind is Rtsp && offers is [.., { IsDatagrams: false } last] && last.Name == name) { offers[^1] = last with { IsRtsp = true }; }
            // A later version may offer more.
        }
        return offers;
    }

    private static (ulong Kind, string Name)[] EntriesOf(TunnelOffer offer) =>
        offer.IsRtsp ? [(Streams, offer.Name), (Rtsp, offer.Name)] : [(offer.IsDatagrams ? Datagrams : Streams, offer.Name)];
}
