using System.Text;

namespace Coco.ControlPlane.Tests.Api;

/// <summary>RFC 8259 §8.1, §11: JSON is UTF-8, and a charset beside it has no meaning.</summary>
public sealed class CharsetTests
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=\"utf-8\"")] // RFC 9110 §5.6.6: the same
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=nonsense")]
    public async Task A_body_of_JSON_is_read_as_UTF_8_whatever_charset_stands_beside_it(string type)
    {
        await using var plane = await TestPlane.StartAsync();
        var (_, token) = await plane.CreateAccountAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/apps") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"name":"Café","kind":"service","redirectUris":[],"scopes":["networks:read"]}""")) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.Authorization = new("Bearer", token);

        using var answer = await plane.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.True((int)answer.StatusCode == 201, $"{(int)answer.StatusCode}: {text}");
        using var app = System.Text.Json.JsonDocument.Parse(text);
        Assert.Contains("Café", app.RootElement.EnumerateObject().SelectMany(static member => member.Value.ValueKind is System.Text.Json.JsonValueKind.Object ? member.Value.EnumerateObject().Select(static inner => inner.Value.ToString()) : [member.Value.ToString()]));
    }
}
