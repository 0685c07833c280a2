using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Tests.Packets;

/// <summary>Which property may stand in which packet (MQTT 5.0, table 2-4).</summary>
public sealed class PropertyPlaceTests
{
    // The table as the standard prints it: identifier, type, packets. "Will" are the properties of the will in CONNECT.
    private const string Table = """
        01 byte PUBLISH Will
        02 four PUBLISH Will
        03 text PUBLISH Will
        08 text PUBLISH Will
        09 data PUBLISH Will
        0B variable PUBLISH SUBSCRIBE
        11 four CONNECT CONNACK DISCONNECT
        12 text CONNACK
        13 two CONNACK
        15 text CONNECT CONNACK AUTH
        16 data CONNECT CONNACK AUTH
        17 byte CONNECT
        18 four Will
        19 byte CONNECT
        1A text CONNACK
        1C text CONNACK DISCONNECT
        1F text CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH
        21 two CONNECT CONNACK
        22 two CONNECT CONNACK
        23 two PUBLISH
        24 byte CONNACK
        25 byte CONNACK
        26 pair CONNECT CONNACK PUBLISH Will PUBACK PUBREC PUBREL PUBCOMP SUBSCRIBE SUBACK UNSUBSCRIBE UNSUBACK DISCONNECT AUTH
        27 four CONNECT CONNACK
        28 byte CONNACK
        29 byte CONNACK
        2A byte CONNACK
        """;

    private static readonly (PropertyPlace Place, string Name)[] Places =
    [
        (PropertyPlace.Will, "Will"), (PropertyPlace.Connect, "CONNECT"), (PropertyPlace.Connack, "CONNACK"), (PropertyPlace.Publish, "PUBLISH"),
        (PropertyPlace.Puback, "PUBACK"), (PropertyPlace.Pubrec, "PUBREC"), (PropertyPlace.Pubrel, "PUBREL"), (PropertyPlace.Pubcomp, "PUBCOMP"),
        (PropertyPlace.Subscribe, "SUBSCRIBE"), (PropertyPlace.Suback, "SUBACK"), (PropertyPlace.Unsubscribe, "UNSUBSCRIBE"), (PropertyPlace.Unsuback, "UNSUBACK"),
        (PropertyPlace.Disconnect, "DISCONNECT"), (PropertyPlace.Auth, "AUTH"),
    ];

    [Fact]
    public void Each_property_is_taken_where_the_table_has_it_and_refused_everywhere_else()
    {
        var checkedCount = 0;
        foreach (var line in Table.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is not [var id, var type, .. var allowed]) { throw new InvalidOperationException(line); }
            foreach (var (place, name) in Places)
            {
                Read(id, type, place, out var error);
                // Data needs the method beside it (3.1.2.11.10), so alone it is a protocol error where it may stand.
                var expected = !allowed.Contains(name) ? ReasonCode.MalformedPacket : id == "16" ? ReasonCode.ProtocolError : ReasonCode.Success;
                Assert.True(expected == error, $"0x{id} in {name}: {error}, not {expected}");
                checkedCount++;
            }
        }
        Assert.Equal(27 * 14, checkedCount);
    }

    [Fact]
    public void A_property_that_no_packet_has_is_refused_in_all()
    {
        var known = Table.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static line => line[..2]).ToHashSet();
        for (var id = 0; id < 128; id++)
        {
            var hex = id.ToString("X2", System.Globalization.CultureInfo.InvariantCulture);
            if (known.Contains(hex)) { continue; }
            foreach (var (place, _) in Places)
            {
                Read(hex, "byte", place, out var error);
                Assert.Equal(ReasonCode.MalformedPacket, error);
            }
        }
    }

    private static void Read(string id, string type, PropertyPlace place, out ReasonCode error)
    {
        var value = type switch { "byte" => "01", "two" => "0001", "four" => "00000001", "variable" => "01", "pair" => "0001 61 0001 62", _ => "0001 61" };
        var property = Wire.Hex(id + value);
        var reader = new PacketReader((byte[])[(byte)property.Length, .. property]);
        PropertyCodec.Read(ref reader, place, out error);
    }
}
