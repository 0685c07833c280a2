using Coco.Quic.Connections;
using Coco.Quic.Packets;
using Coco.Quic.Paths;
using Coco.Quic.Tests.Simulation;

namespace Coco.Quic.Tests.Connections;

/// <summary>Sends packets with any content under the keys of one side of a connection, as a peer that breaks the rules would.</summary>
internal sealed class Rogue(SimulatedPair pair, bool isClient)
{
    private readonly PacketProtection _protection = PacketProtection.Create();

    /// <summary>The side whose keys are used.</summary>
    public QuicConnection Own => isClient ? pair.Client : pair.Server!;

    /// <summary>The side that must defend itself.</summary>
    public QuicConnection Victim => isClient ? pair.Server! : pair.Client;

    /// <summary>Sends frames in a 1-RTT packet and lets them arrive.</summary>
    public void Send(ReadOnlySpan<byte> frames, PathId? path = null, long? number = null, byte firstByte = 0)
    {
        Inject(Seal(EncryptionLevel.OneRtt, frames, number, firstByte), path);
        pair.Network.RunFor(TimeSpan.FromMilliseconds(100));
    }

    public void Inject(byte[] datagram, PathId? path = null) => pair.Network.Inject(isClient ? 1 : 0, path ?? Own.ActivePath, datagram);

    /// <summary>A packet of a level with any payload. <paramref name="firstByte"/> is exclusive-ored into the first byte before protection.</summary>
    public byte[] Seal(EncryptionLevel level, ReadOnlySpan<byte> frames, long? number = null, byte firstByte = 0, bool pad = true, PacketKeys? keys = null)
    {
        const int NumberLength = 4;
        var space = level switch
        {
            EncryptionLevel.Initial => ConnectionInternals.Initial(Own)!,
            EncryptionLevel.Handshake => ConnectionInternals.Handshake(Own)!,
            _ => ConnectionInternals.Data(Own),
        };
        var packetNumber = number ?? space.NextPacketNumber++;
        ConnectionInternals.RemoteIds(Own).TryGet(ConnectionInternals.Active(Own).RemoteConnectionId, out var remote);
        var packet = new byte[2000];
        var numberOffset = level == EncryptionLevel.OneRtt
            ? HeaderWriter.WriteShort(packet, remote.Id, spin: false, ConnectionInternals.KeyPhase(Own), NumberLength)
            : HeaderWriter.WriteLong(packet, level == EncryptionLevel.Initial ? PacketType.Initial : PacketType.Handshake, remote.Id,
                ConnectionInternals.LocalIds(Own).Entries[0].Id, [], NumberLength);
        packet[0] ^= firstByte;
        PacketNumber.Write(packet.AsSpan(numberOffset), (ulong)packetNumber, NumberLength);
        frames.CopyTo(packet.AsSpan(numberOffset + NumberLength));
        var size = numberOffset + NumberLength + frames.Length + PacketProtection.TagLength;
        if (level == EncryptionLevel.Initial && pad) { size = 1200; }
        if (level != EncryptionLevel.OneRtt) { HeaderWriter.WriteLength(packet, numberOffset, size - numberOffset); }
        _protection.Seal(keys ?? space.WriteKeys!, (ulong)packetNumber, packet.AsSpan(0, size), numberOffset, NumberLength);
        return packet[..size];
    }

    /// <summary>The victim closed with this code.</summary>
    public void AssertClosedWith(ulong code)
    {
        Assert.NotNull(Victim.CloseReason);
        Assert.Equal((CloseKind.LocalTransport, code), (Victim.CloseReason.Kind, Victim.CloseReason.Code));
        pair.Network.RunUntil(() => Own.CloseReason is not null, TimeSpan.FromSeconds(5));
        Assert.Equal((CloseKind.PeerTransport, code), (Own.CloseReason!.Kind, Own.CloseReason.Code)); // and told its peer why
    }

    public void AssertOpen() => Assert.Equal((ConnectionState.Connected, null), (Victim.State, Victim.CloseReason));
}
