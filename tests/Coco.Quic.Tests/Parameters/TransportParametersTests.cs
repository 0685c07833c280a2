using System.Reflection;
using Coco.Crypto;
using Coco.Quic.Packets;
using Coco.Quic.Parameters;
using Coco.Quic.Tests.Fuzzing;

namespace Coco.Quic.Tests.Parameters;

public sealed class TransportParametersTests
{
    [Fact] // RFC 9000 §18.2
    public void Absent_parameters_have_the_defaults_of_the_rfc()
    {
        Assert.True(TransportParameters.TryParse([], isFromServer: true, out var parameters, out _));

        Assert.Equal(65527UL, parameters.MaxUdpPayloadSize);
        Assert.Equal((3UL, 25UL), (parameters.AckDelayExponent, parameters.MaxAckDelayMs));
        Assert.Equal(2UL, parameters.ActiveConnectionIdLimit);
        Assert.Equal(0UL, parameters.MaxIdleTimeoutMs + parameters.InitialMaxData + parameters.MaxDatagramFrameSize);
        Assert.Null(parameters.MinAckDelayMicroseconds);
        Assert.False(parameters.DisableActiveMigration || parameters.CocoMigration);
    }

    [Theory]
    [InlineData("0302" + "44af")] // §18.2: max_udp_payload_size 1199
    [InlineData("0808" + "d000000000000001")] // §18.2: more than 2^60 streams
    [InlineData("0908" + "d000000000000001")]
    [InlineData("0a01" + "15")] // §18.2: ack_delay_exponent 21
    [InlineData("0b04" + "80004000")] // §18.2: max_ack_delay 2^14
    [InlineData("0e01" + "01")] // §18.2: active_connection_id_limit 1
    [InlineData("0401" + "05" + "0401" + "05")] // §7.4: duplicate
    [InlineData("0c01" + "00")] // §18.2: disable_active_migration is zero-length
    [InlineData("0f15" + "000000000000000000000000000000000000000000")] // a connection ID of 21 bytes
    [InlineData("020f" + "000000000000000000000000000000")] // §18.2: reset token of 15 bytes
    [InlineData("0d29" + "0000000000000000000000000000000000000000000000000000000000000000000000000000000000")] // §18.2: empty ID
    [InlineData("0402" + "05")] // cut off
    [InlineData("04")] // no length
    [InlineData("0402" + "0505")] // §18: longer than its integer
    [InlineData("0400")] // no integer
    [InlineData("c0000000ff04de1b04" + "80006271")] // ack frequency §3: min_ack_delay of 25,201 us, over 25 ms
    public void Invalid_parameters_are_an_error(string hex)
    {
        Assert.False(TransportParameters.TryParse(Convert.FromHexString(hex), isFromServer: true, out _, out var error));
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("0302" + "44b0")]
    [InlineData("0a01" + "14")]
    [InlineData("0b02" + "7fff")]
    [InlineData("0e01" + "02")]
    [InlineData("0808" + "d000000000000000")]
    [InlineData("c0000000ff04de1b04" + "800061a8")]
    public void Values_at_the_edge_are_accepted(string hex) =>
        Assert.True(TransportParameters.TryParse(Convert.FromHexString(hex), isFromServer: true, out _, out _));

    [Theory] // §18.2: a client MUST NOT send these
    [InlineData("0000")]
    [InlineData("0210" + "00000000000000000000000000000000")]
    [InlineData("0d2a" + "00000000000000000000000000000000000000000000000001aa00000000000000000000000000000000")]
    [InlineData("1000")]
    public void Parameters_only_servers_send_are_an_error_from_a_client(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.True(TransportParameters.TryParse(bytes, isFromServer: true, out _, out _));
        Assert.False(TransportParameters.TryParse(bytes, isFromServer: false, out _, out _));
    }

    [Fact] // §7.4.2
    public void Unknown_parameters_are_ignored_even_when_repeated() =>
        Assert.True(TransportParameters.TryParse(
            Convert.FromHexString("1b03010203" + "1b00" + "7abc01ff" + "2101ff"), isFromServer: false, out _, out _));

    [Fact] // §18.1
    public void Every_writing_carries_one_reserved_parameter()
    {
        for (var seed = 0UL; seed < 200; seed++)
        {
            var buffer = new byte[TransportParameters.MaxLength];
            var length = new TransportParameters().Write(buffer, new SeededRandomSource(seed));
            Assert.True(VarInt.TryRead(buffer, out var id, out _));
            Assert.Equal(27UL, id % 31);
            Assert.True(TransportParameters.TryParse(buffer.AsSpan(0, length), isFromServer: false, out _, out _));
        }
    }

    [Fact]
    public void Our_private_parameter_is_not_one_that_peers_send_to_be_ignored() =>
        Assert.NotEqual(27UL, (ulong)TransportParameterId.CocoMigration % 31);

    [Fact]
    public void What_is_written_is_read_back()
    {
        var random = new FuzzRandom(18);
        var buffer = new byte[TransportParameters.MaxLength];
        for (var i = 0; i < 2000; i++)
        {
            var resetToken = random.Bytes(16);
            var sent = ParameterGenerator.Next(random, isServer: true, resetToken);
            var length = sent.Write(buffer, random.Source);

            Assert.True(TransportParameters.TryParse(buffer.AsSpan(0, length), isFromServer: true, out var read, out var error), error);
            foreach (var property in typeof(TransportParameters).GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                if (property.PropertyType == typeof(StatelessResetToken?)) { continue; }
                Assert.Equal(property.GetValue(sent), property.GetValue(read));
            }
            Assert.True(read.StatelessResetToken!.Value.Matches(resetToken));
        }
    }
}
