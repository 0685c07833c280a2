using System.Text;

namespace Coco.Mqtt.Tests.Hosting;

public sealed class PasswordHashTests
{
    [Theory] // made by Python's hashlib: pbkdf2_hmac('sha512', b'open sesame', b'0123456789ab', 101) and sha512(b'open sesame' + b'0123456789ab')
    [InlineData("$7$101$MDEyMzQ1Njc4OWFi$gMYwaWCXo3r8r3R83c9SfOQZg8F/7msMNjc7gPDU4fezed9LkHJViI3y2RWiKhG6AmRedSa4u+yF5BrTisdTyQ==")]
    [InlineData("$6$MDEyMzQ1Njc4OWFi$3ZDqIYxjo1SmUPsD3MKWztoL16q8yPgonBy9Ynh/aUKWSJpyyYIzA3gJX9pX/9THkxXmjuJ/wvGghv1kHjFTbw==")]
    public void Hashes_of_mosquittos_files_are_understood(string hash)
    {
        var user = MqttUser.WithPasswordHash(null, "ada", hash);

        Assert.True(user.IsPassword("open sesame"u8));
        Assert.False(user.IsPassword("open sesam"u8));
        Assert.False(user.IsPassword([]));
    }

    [Fact]
    public void What_is_made_is_understood_and_different_each_time()
    {
        var (one, other) = (MqttUser.Hash("grüße"), MqttUser.Hash("grüße"));

        Assert.NotEqual(one, other);
        Assert.All((string[])[one, other], static hash => Assert.True(MqttUser.WithPasswordHash(null, "ada", hash).IsPassword(Encoding.UTF8.GetBytes("grüße"))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("password")]
    [InlineData("$7$0$AAAA$AAAA")]
    [InlineData("$7$1000000$AAAA$AAAA")]
    [InlineData("$7$101$AAAA$AAAA")]
    [InlineData("$6$!$AAAA")]
    [InlineData("$argon2id$v=19$m=47104,t=1,p=1$AAAA$AAAA")]
    public void What_is_no_hash_is_refused(string text) => Assert.Throws<FormatException>(() => MqttUser.WithPasswordHash(null, "ada", text));
}
