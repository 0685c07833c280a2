using System.Buffers;
using Coco.Mqtt.Packets;
using Coco.Mqtt.Sessions;

namespace Coco.Mqtt.Tests.Sessions;

/// <summary>A client's end without a network: keeps what was sent to it, as packets.</summary>
internal sealed class TestLink : IClientLink
{
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Queue<MqttPacket> _packets = new();

    public IBufferWriter<byte> Output => _output;

    /// <summary>Bytes the client's end has not taken; what it takes is up to the test.</summary>
    public long Backlog { get; set; }

    public bool IsClosed { get; private set; }

    public ProtocolVersion Version { get; init; } = ProtocolVersion.V311;

    public void Flush()
    {
    }

    public void Close() => IsClosed = true;

    /// <summary>What came since the last call.</summary>
    public List<MqttPacket> Take()
    {
        Cut();
        List<MqttPacket> packets = [.. _packets];
        _packets.Clear();
        return packets;
    }

    /// <summary>The first packet that was not taken.</summary>
    public MqttPacket TakeFirst()
    {
        Cut();
        return _packets.Dequeue();
    }

    private void Cut()
    {
        var input = new ReadOnlySequence<byte>(_output.WrittenMemory);
        while (PacketCodec.TryCut(ref input, int.MaxValue, out var first, out var body) is FrameStatus.Whole)
        {
            _packets.Enqueue(PacketCodec.Read(first, body.ToArray(), Version, out var error) ?? throw new InvalidOperationException($"The server sent what is no packet: {error}"));
        }
        Assert.True(input.IsEmpty);
        _output.Clear();
    }
}
