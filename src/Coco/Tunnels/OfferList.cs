using System.Text;
using Coco.Hosting;
using Coco.Quic.Packets;

namespace Coco.Tunnels;

/// <summary>The list of services that a node tells a peer of. Its layout stands in <see cref="TunnelRequest"/>.</summary>
internal static class OfferList
{
    private const ulong Datagrams = 1;

    /// <summary>The answer, with its first byte.</summary>
    public static byte[] Encode(IReadOnlyList<TunnelOffer> offers)
    {
        var bytes = new byte[1 + VarInt.MaxLength + offers.Sum(static offer => 2 + offer.Name.Length)];
        var writer = new SpanWriter(bytes);
        writer.WriteByte(0);
        writer.WriteVarInt((ulong)offers.Count);
        foreach (var offer in offers)
        {
            writer.WriteVarInt(offer.IsDatagrams ? Datagrams : 0);
            writer.WriteVarInt((ulong)offer.Name.Length);
            writer.WriteBytes(Encoding.ASCII.GetBytes(offer.Name));
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
            if (kind <= Datagrams) { offers.Add(new(name, kind == Datagrams)); } // a later version may offer more
        }
        return offers;
    }
}
