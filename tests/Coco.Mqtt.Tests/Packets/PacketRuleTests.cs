using Coco.Mqtt.Packets;

namespace Coco.Mqtt.Tests.Packets;

public sealed class PacketRuleTests
{
    [Theory] // MQTT 5.0, table 1-1
    [InlineData(0, "00")]
    [InlineData(127, "7F")]
    [InlineData(128, "8001")]
    [InlineData(16_383, "FF7F")]
    [InlineData(16_384, "808001")]
    [InlineData(2_097_151, "FFFF7F")]
    [InlineData(2_097_152, "80808001")]
    [InlineData(268_435_455, "FFFFFF7F")]
    public void Variable_integers_are_as_in_the_table(int value, string hex)
    {
        var bytes = new byte[4];
        var length = VariableInteger.Write(bytes, value);

        Assert.Equal(hex, Convert.ToHexString(bytes[..length]));
        Assert.Equal((length, value), (VariableInteger.Read(bytes, out var read), read));
        Assert.Equal(length, VariableInteger.SizeOf(value));
        Assert.Equal(0, VariableInteger.Read(bytes.AsSpan(0, length - 1), out _));
    }

    [Theory] // [MQTT-1.5.5-1], and never a fifth byte
    [InlineData("8000")]
    [InlineData("FFFFFFFF")]
    [InlineData("FFFFFF8000")]
    public void Variable_integers_that_are_too_long_are_none(string hex) => Assert.Equal(-1, VariableInteger.Read(Wire.Hex(hex), out _));

    [Theory]
    [InlineData("10 10 0004 4D515454 04 02 003C 0004 63757272 00", "a byte behind the client id")]
    [InlineData("10 10 0004 4D515454 04 03 003C 0004 63757272", "[MQTT-3.1.2-3] the reserved flag")]
    [InlineData("10 10 0004 4D515454 04 0A 003C 0004 63757272", "3.1.1 [MQTT-3.1.2-13] will QoS without will")]
    [InlineData("10 10 0004 4D515454 04 22 003C 0004 63757272", "3.1.1 [MQTT-3.1.2-15] will retain without will")]
    [InlineData("10 16 0004 4D515454 04 1E 003C 0004 63757272 0001 61 0001 62", "3.1.1 [MQTT-3.1.2-14] will QoS 3")]
    [InlineData("10 12 0004 4D515454 04 42 003C 0004 63757272 0000", "3.1.1 [MQTT-3.1.2-22] password without user name")]
    [InlineData("10 10 0004 4D515454 04 02 003C 0005 63757272", "a text longer than the packet")]
    [InlineData("11 10 0004 4D515454 04 02 003C 0004 63757272", "[MQTT-2.1.3-1] flags of the header")]
    [InlineData("30 05 0003 61C080", "[MQTT-1.5.4-1] an overlong character")]
    [InlineData("30 05 0003 EDA080", "[MQTT-1.5.4-1] a surrogate")]
    [InlineData("30 05 0003 610062", "[MQTT-1.5.4-2] U+0000")]
    [InlineData("36 06 0002 6162 0001", "[MQTT-3.3.1-4] QoS 3")]
    [InlineData("38 04 0002 6162", "[MQTT-3.3.1-2] DUP with QoS 0")]
    [InlineData("40 01 00", "an acknowledgement without its whole number")]
    [InlineData("60 02 0001", "[MQTT-3.6.1-1] PUBREL without its flags")]
    [InlineData("80 06 0001 0001 61 00", "[MQTT-3.8.1-1] SUBSCRIBE without its flags")]
    [InlineData("82 06 0001 0001 61 04", "3.1.1 [MQTT-3.8.3-4] reserved bits")]
    [InlineData("A0 05 0001 0001 61", "[MQTT-3.10.1-1] UNSUBSCRIBE without its flags")]
    [InlineData("C0 01 00", "PINGREQ with something in it")]
    [InlineData("E0 01 00", "3.1.1: DISCONNECT with something in it")]
    [InlineData("F0 00", "3.1.1: type 15")]
    [InlineData("00 00", "type 0")]
    public void A_packet_of_3_1_1_that_breaks_a_rule_is_malformed(string hex, string rule)
    {
        var packet = Wire.Read(Fixed(hex), ProtocolVersion.V311, out var error);

        Assert.True(packet is null, rule);
        Assert.Equal(ReasonCode.MalformedPacket, error);
    }

    [Theory]
    [InlineData("32 06 0002 6162 0000", "[MQTT-2.2.1-3] packet identifier 0")]
    [InlineData("82 06 0000 0001 61 00", "[MQTT-2.2.1-3] packet identifier 0")]
    [InlineData("82 02 0001", "3.1.1 [MQTT-3.8.3-3] no filter")]
    [InlineData("A2 02 0001", "3.1.1 [MQTT-3.10.3-2] no filter")]
    public void A_packet_of_3_1_1_that_says_too_little_is_a_protocol_error(string hex, string rule)
    {
        Assert.True(Wire.Read(Fixed(hex), ProtocolVersion.V311, out var error) is null, rule);
        Assert.Equal(ReasonCode.ProtocolError, error);
    }

    [Theory]
    [InlineData("30 06 0001 61 02 0100", ReasonCode.Success, "payload format")]
    [InlineData("30 06 0001 61 02 0102", ReasonCode.ProtocolError, "a payload format that is not defined")]
    [InlineData("30 08 0001 61 04 0100 0100", ReasonCode.ProtocolError, "3.3.2.3.2 the same property twice")]
    [InlineData("30 09 0001 61 05 11 00000001", ReasonCode.MalformedPacket, "2.2.2.2 a property of other packets")]
    [InlineData("30 06 0001 61 02 7F00", ReasonCode.MalformedPacket, "2.2.2.2 a property that is not defined")]
    [InlineData("30 06 0001 61 03 0100", ReasonCode.MalformedPacket, "properties longer than the packet")]
    [InlineData("30 07 0001 61 03 230000", ReasonCode.TopicAliasInvalid, "[MQTT-3.3.2-8] alias 0")]
    [InlineData("30 07 0000 03 230001 78", ReasonCode.Success, "3.3.2.1 an alias for the topic")]
    [InlineData("30 03 0000 00", ReasonCode.ProtocolError, "3.3.2.1 neither topic nor alias")]
    [InlineData("30 04 0001 2B 00", ReasonCode.TopicNameInvalid, "[MQTT-3.3.2-2] a wildcard")]
    [InlineData("30 08 0001 61 04 08 0001 23", ReasonCode.ProtocolError, "[MQTT-3.3.2-14] a wildcard in the response topic")]
    [InlineData("82 09 0001 02 0B00 0001 61 00", ReasonCode.ProtocolError, "3.8.2.1.2 subscription identifier 0")]
    [InlineData("82 0B 0001 04 0B01 0B02 0001 61 00", ReasonCode.ProtocolError, "3.8.2.1.2 two subscription identifiers")]
    [InlineData("82 07 0001 00 0001 61 30", ReasonCode.ProtocolError, "3.8.3.1 retain handling 3")]
    [InlineData("82 07 0001 00 0001 61 03", ReasonCode.ProtocolError, "3.8.3.1 QoS 3")]
    [InlineData("82 07 0001 00 0001 61 40", ReasonCode.MalformedPacket, "[MQTT-3.8.3-5] reserved bits")]
    [InlineData("40 03 0001 00", ReasonCode.Success, "3.4.2.2 no properties")]
    [InlineData("40 03 0001 01", ReasonCode.ProtocolError, "[MQTT-3.4.2-1] a reason of other packets")]
    [InlineData("10 11 0004 4D515454 05 02 003C 03 210000 0001 61", ReasonCode.ProtocolError, "3.1.2.11.3 receive maximum 0")]
    [InlineData("10 13 0004 4D515454 05 02 003C 05 2700000000 0001 61", ReasonCode.ProtocolError, "3.1.2.11.4 packet size 0")]
    [InlineData("10 12 0004 4D515454 05 02 003C 04 16 0001 61 0001 61", ReasonCode.ProtocolError, "3.1.2.11.10 data without a method")]
    [InlineData("10 0E 0004 4D515454 03 02 003C 00 0001 61", ReasonCode.UnsupportedProtocolVersion, "[MQTT-3.1.2-2] another version")]
    [InlineData("10 10 0006 4D5149736470 03 02 003C 0002 6162", ReasonCode.UnsupportedProtocolVersion, "[MQTT-3.1.2-1] another protocol")]
    [InlineData("10 10 0004 4D515454 05 42 003C 00 0001 61 0000", ReasonCode.Success, "3.1.2.9 a password alone")]
    [InlineData("E0 00", ReasonCode.Success, "3.14.2.1 nothing means a normal end")]
    [InlineData("E0 01 04", ReasonCode.Success, "3.14.2.2.1 no properties")]
    [InlineData("F0 00", ReasonCode.Success, "3.15.2.1 nothing means success")]
    public void A_packet_of_5_is_judged_by_the_rules(string hex, object expected, string rule)
    {
        var packet = Wire.Read(Fixed(hex), ProtocolVersion.V5, out var error);

        Assert.True((ReasonCode)expected == error, $"{rule}: {error}");
        Assert.Equal(error is ReasonCode.Success, packet is not null);
    }

    [Fact] // [MQTT-1.5.4-3]
    public void A_byte_order_mark_stays_in_a_text()
    {
        var packet = Wire.Read(Wire.Hex("30 06 0004 EFBBBF61"), ProtocolVersion.V311, out _);

        Assert.Equal("\uFEFFa", Assert.IsType<PublishPacket>(packet).Topic);
    }

    [Fact]
    public void All_that_can_be_in_a_packet_is_read_as_it_was_written() => Assert.All(PacketSamples.All, sample =>
    {
        var bytes = sample(ProtocolVersion.V5);
        var packet = Wire.Read(bytes, ProtocolVersion.V5, out var error);
        Assert.True(packet is not null, $"{Convert.ToHexString(bytes)}: {error}");
        Assert.Equal(bytes, Wire.Bytes(packet));
        Assert.Equal(bytes.Length, PacketCodec.Measure(packet, ProtocolVersion.V5));
    });

    [Fact] // 3.1.1, 3.2.2.3 and 3.9.3
    public void Reasons_are_said_in_3_1_1_in_its_few_codes()
    {
        Assert.Equal("20020004", Hex(new ConnackPacket { Reason = ReasonCode.BadUserNameOrPassword }));
        Assert.Equal("20020005", Hex(new ConnackPacket { Reason = ReasonCode.NotAuthorized }));
        Assert.Equal("20020002", Hex(new ConnackPacket { Reason = ReasonCode.ClientIdentifierNotValid }));
        Assert.Equal("9004000A0280", Hex(new SubackPacket(PacketType.Suback, 10) { Reasons = [ReasonCode.GrantedQos2, ReasonCode.TopicFilterInvalid] }));
        Assert.Equal("B002000A", Hex(new SubackPacket(PacketType.Unsuback, 10) { Reasons = [ReasonCode.NoSubscriptionExisted] }));
        Assert.Equal("40020001", Hex(new AckPacket(PacketType.Puback, 1) { Reason = ReasonCode.NotAuthorized }));
    }

    // The second byte is made the length of what follows, so that the rows above need not be counted.
    private static byte[] Fixed(string hex)
    {
        var bytes = Wire.Hex(hex);
        bytes[1] = (byte)(bytes.Length - 2);
        return bytes;
    }

    private static string Hex(MqttPacket packet) => Convert.ToHexString(Wire.Bytes(packet, ProtocolVersion.V311));
}
